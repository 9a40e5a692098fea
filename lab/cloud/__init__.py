"""The lab's AWS: what runs in the one container that answers the nodes as AWS would."""
