"""What the image weighs, part by part, and what each part is for."""
