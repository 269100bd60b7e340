// Most of these tests wait for timeouts of real nodes rather than compute.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
