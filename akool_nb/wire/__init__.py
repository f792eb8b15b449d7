"""HTTP: requests, retries, deadlines, parsing of answers, credentials, redaction."""
