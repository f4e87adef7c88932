"""Departments: the read model of organizations' divisions."""
