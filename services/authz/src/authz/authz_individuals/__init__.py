"""Which individuals may this user use?"""
