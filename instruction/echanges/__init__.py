"""What passes between the porteur's people and the officers: messages, and requests for complements."""
