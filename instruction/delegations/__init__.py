"""The pages where a person lends her role for a time, and takes it back."""
