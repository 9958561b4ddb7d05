// A world needs Akka's statics for itself.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
