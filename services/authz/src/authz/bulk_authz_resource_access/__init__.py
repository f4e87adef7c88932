"""May these users do that?"""
