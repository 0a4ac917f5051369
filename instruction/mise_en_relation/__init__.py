"""The pages where OGs that look for a grappe find each other."""
