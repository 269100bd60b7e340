namespace MetaMap.Learning.Tests;

/// <summary>
/// Tests that make much garbage, or collect it all the time, run after the others and one at a time: TorchSharp's own
/// operators, which tests use, do not hold their numbers while libtorch reads them.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
