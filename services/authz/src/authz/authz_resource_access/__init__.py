"""May this user do that?"""
