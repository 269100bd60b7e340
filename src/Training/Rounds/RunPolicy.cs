using System.Globalization;
using MetaMap.Core;

namespace MetaMap.Training.Rounds;

/// <summary>How a run shares its cluster with others. Nothing here changes what it computes.</summary>
/// <param name="Weight">Its share of the workers relative to other runs, 0.001 to 1000. Default 1.</param>
/// <param name="MinWorkers">Training pauses while fewer workers are present, 1 or more. Default 1.</param>
/// <param name="AuditFraction">Share of the blocks that a second worker computes again to compare bits, 0 (default) to 1.</param>
public sealed record RunPolicy(double Weight = 1, int MinWorkers = 1, double AuditFraction = 0)
{
    private const double LeastWeight = 0.001;
    private const double MostWeight = 1000;

    /// <summary>The defaults.</summary>
    public static RunPolicy Default { get; } = new();

    /// <summary>The policy of a run that goes on: who starts it again names the fewest workers only, so weight and audits stay.</summary>
    /// <param name="wanted">What it is started again with.</param>
    public RunPolicy Resumed(RunPolicy wanted) => this with { MinWorkers = wanted.MinWorkers };

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="ConfigurationException">A value is out of range.</exception>
    public void Validate()
    {
        if (!double.IsFinite(Weight) || Weight <= 0)
        {
            throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture, $"--weight is {Weight}, but it must be a number above 0, such as 2 for twice the workers of a run with 1."));
        }

        if (Weight is < LeastWeight or > MostWeight)
        {
            throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture, $"--weight is {Weight}, but it must be from {LeastWeight} to {MostWeight}: beyond that other runs, or this one, would never get a worker."));
        }

        if (MinWorkers < 1)
        {
            throw new ConfigurationException($"--min-workers is {MinWorkers}, but it must be 1 or more.");
        }

        if (!double.IsFinite(AuditFraction) || AuditFraction is < 0 or > 1)
        {
            throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture, $"--audit is {AuditFraction}, but it must be a fraction from 0 to 1."));
        }
    }
}
