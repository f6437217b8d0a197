"""What a study of cost and performance is made of: plan, items, scores, intervals, advice."""
