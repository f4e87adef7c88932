"""Which resources may this user use?"""
