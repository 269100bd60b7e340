using System.Collections.Immutable;
using MetaMap.Core.Parameters;

namespace MetaMap.Learning.Layered;

/// <summary>Where the network's parameters at an inner step, and the rates, stand among all meta-parameters.</summary>
internal sealed class MetaLayout
{
    private readonly LayeredInnerLoop _loop;
    private readonly ImmutableArray<int?> _rates;

    /// <summary>Reads a layout.</summary>
    /// <param name="all">Of all meta-parameters, the network's first.</param>
    /// <param name="loop">Says what they are.</param>
    public MetaLayout(ParameterLayout all, LayeredInnerLoop loop)
    {
        (All, _loop) = (all, loop);
        Network = new ParameterLayout(
            [.. all.Entries.Take(loop.Adapts.Length).Select((entry, i) => IsPerStep(i) ? new ParameterEntry(entry.Name, entry.Shape[1..]) : entry)]);
        int rate = loop.Adapts.Length;
        _rates = [.. loop.Adapts.Select(adapts => adapts && loop.LearnedRates != LearnedRates.None ? rate++ : (int?)null)];
    }

    /// <summary>Of all meta-parameters.</summary>
    public ParameterLayout All { get; }

    /// <summary>Of the network's parameters at one inner step.</summary>
    public ParameterLayout Network { get; }

    /// <summary>Whether a parameter of the network has a row for every inner step.</summary>
    public bool IsPerStep(int entry) => _loop.RunningMeans is not null && !_loop.Adapts[entry];

    /// <summary>The position of a parameter's rate; null where it has none of its own.</summary>
    public int? RateOf(int entry) => _rates[entry];

    /// <summary>The row of an inner step among those that a parameter has; later steps use the last.</summary>
    public int Row(int parameter, int innerSteps) => Math.Min(innerSteps, All.Entries[parameter].Shape[0] - 1);

    /// <summary>Where a parameter of the network begins in a vector of all, at an inner step.</summary>
    public int Offset(int entry, int innerSteps) => All.Offsets[entry] + (IsPerStep(entry) ? Row(entry, innerSteps) * Network.Entries[entry].Length : 0);

    /// <summary>From a vector of all to one of the network's parameters at an inner step.</summary>
    public float[] NetworkAt(ReadOnlySpan<float> all, int innerSteps)
    {
        float[] network = new float[Network.Length];
        for (int entry = 0; entry < Network.Entries.Length; entry++)
        {
            all.Slice(Offset(entry, innerSteps), Network.Entries[entry].Length).CopyTo(network.AsSpan(Network.Offsets[entry]));
        }

        return network;
    }

    /// <summary>From a vector of all to one of the rate of each weight, zero for what has none (Meta-SGD).</summary>
    public float[] RatesIn(ReadOnlySpan<float> all)
    {
        float[] rates = new float[Network.Length];
        for (int entry = 0; entry < Network.Entries.Length; entry++)
        {
            if (RateOf(entry) is { } rate)
            {
                all.Slice(All.Offsets[rate], Network.Entries[entry].Length).CopyTo(rates.AsSpan(Network.Offsets[entry]));
            }
        }

        return rates;
    }
}
