"""What keeps the signing safe: recalls, adjudication, reading times, impressions."""
