"""SONS orders that come as files from the payment agency: read, judged one by one, let in or returned."""
