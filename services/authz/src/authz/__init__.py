"""What people may do: roles and the permission index."""
