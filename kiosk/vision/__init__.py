"""From a frame to a decision: camera, networks, gallery and recogniser; refuses to store or send anything."""
