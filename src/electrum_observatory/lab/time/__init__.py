"""The lab in time: weeks of a network whose truth is known, said by a generative model rather than by sockets."""
