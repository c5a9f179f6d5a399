"""What is shown beside a check-in: My data, enrolment, trips, administration; refuses Qt, a clock and a thread."""
