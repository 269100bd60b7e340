namespace MetaMap.Cli.Benchmarks;

/// <summary>A training that was measured; one of a process of its own arrives as JSON.</summary>
/// <param name="EpisodesPerSecond">Once everything was warm.</param>
/// <param name="Iterations">Meta-iterations.</param>
/// <param name="ModelSha256">Hash of the trained parameters.</param>
internal sealed record BenchRun(double EpisodesPerSecond, int Iterations, string ModelSha256)
{
    /// <summary>Where the time went, in a cluster.</summary>
    public TimeSplit? Split { get; init; }

    /// <summary>Most memory that the process ever had, where it did nothing else.</summary>
    public int? PeakMib { get; init; }

    /// <summary>Memory in use on the GPU at the end by all processes; libtorch keeps what it once had.</summary>
    public int? GpuMib { get; init; }
}
