"""The operations of the v5 dialect as tools of the Model Context Protocol."""
