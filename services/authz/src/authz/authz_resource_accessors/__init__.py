"""Who may use these resources?"""
