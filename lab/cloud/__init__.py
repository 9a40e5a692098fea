"""The lab's Amazon: what runs inside the one container that answers the nodes as AWS would."""
