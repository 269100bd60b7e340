// Most of these tests wait for processes and timeouts rather than compute.
[assembly: CollectionBehavior(MaxParallelThreads = 3)]
