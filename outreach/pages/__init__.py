"""The pages of outreach for staff: one module of views for each subject."""
