"""What people are told within applications: listed, marked read, and streamed."""
