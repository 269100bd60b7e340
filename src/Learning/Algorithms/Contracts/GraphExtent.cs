namespace MetaMap.Learning.Algorithms;

/// <summary>What an algorithm's graphs of an episode hold at once; it tells how much memory an episode takes.</summary>
public enum GraphExtent
{
    /// <summary>One pass through the network at a time.</summary>
    OnePass,

    /// <summary>All passes, until the gradient is there.</summary>
    AllPasses,
}
