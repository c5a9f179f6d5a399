"""What the law owes a person: notice, basis, access, correction, erasure, restriction, objection, and their proof."""
