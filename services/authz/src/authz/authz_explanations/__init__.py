"""Why may, or may not, this user do that?"""
