using System.Numerics;
using System.Numerics.Tensors;

namespace MetaMap.Learning.Layered;

/// <summary>Sums of meta-gradients over episodes, in the shape of the weights where they belong to weights.</summary>
/// <typeparam name="T">float or double.</typeparam>
internal sealed class MetaSums<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly LayeredNetwork<T> _network;
    private readonly MetaLayout _meta;
    private readonly LayeredInnerLoop _loop;
    private readonly WeightSet<T> _sum;
    private readonly WeightSet<T>? _rateSum;
    private readonly T[] _beside;

    /// <summary>Creates zeros.</summary>
    /// <param name="network">The network.</param>
    /// <param name="meta">Layout of the meta-parameters.</param>
    /// <param name="loop">The inner loop.</param>
    public MetaSums(LayeredNetwork<T> network, MetaLayout meta, LayeredInnerLoop loop)
    {
        (_network, _meta, _loop) = (network, meta, loop);
        _sum = network.NewWeights();
        _rateSum = loop.LearnedRates == LearnedRates.PerWeight ? network.NewWeights() : null;
        _beside = loop.RunningMeans is null && loop.LearnedRates != LearnedRates.PerStep ? [] : new T[meta.All.Length];
    }

    /// <summary>In the layout of all meta-parameters: what has a row for every inner step.</summary>
    public Span<T> BesideTheNetwork => _beside;

    /// <summary>Sets all to zero.</summary>
    public void Clear()
    {
        _sum.Span.Clear();
        _rateSum?.Span.Clear();
        _beside.AsSpan().Clear();
    }

    /// <summary>Adds derivatives by the weights before the first step.</summary>
    public void Add(WeightSet<T> cotangent)
    {
        TakeParts(cotangent, innerSteps: 0);
        TensorPrimitives.Add<T>(_sum.Span, cotangent.Span, _sum.Span);
    }

    /// <summary>Adds the derivatives by those weights that belong to one inner step, and takes them out.</summary>
    public void TakeParts(WeightSet<T> cotangent, int innerSteps)
    {
        for (int part = 0; part < _network.Entries.Length; part++)
        {
            int entry = _network.Entries[part];
            if (_meta.IsPerStep(entry))
            {
                Span<T> sums = _beside.AsSpan(_meta.Offset(entry, innerSteps), _meta.Network.Entries[entry].Length);
                TensorPrimitives.Add(sums, cotangent[part].Span[..sums.Length], sums);
                cotangent[part].Span.Clear();
            }
        }
    }

    /// <summary>Adds the derivatives by the learned rates of an inner step: minus its gradient times the derivatives by the weights after it.</summary>
    /// <param name="gradient">Of the support loss.</param>
    /// <param name="cotangent">By the weights after the step.</param>
    /// <param name="room">Overwritten.</param>
    /// <param name="step">From 0.</param>
    public void AddRates(WeightSet<T> gradient, WeightSet<T> cotangent, WeightSet<T> room, int step)
    {
        if (_rateSum is not null)
        {
            TensorPrimitives.Multiply<T>(gradient.Span, cotangent.Span, room.Span);
            TensorPrimitives.Subtract<T>(_rateSum.Span, room.Span, _rateSum.Span);
        }
        else if (_loop.LearnedRates == LearnedRates.PerStep)
        {
            for (int part = 0; part < _network.Entries.Length; part++)
            {
                if (_meta.RateOf(_network.Entries[part]) is { } rate)
                {
                    _beside[_meta.All.Offsets[rate] + step] -= TensorPrimitives.Dot<T>(gradient[part].Span, cotangent[part].Span);
                }
            }
        }
    }

    /// <summary>All sums, in the layout of the meta-parameters.</summary>
    /// <typeparam name="TNumber">float or double.</typeparam>
    public TNumber[] Write<TNumber>()
        where TNumber : INumberBase<TNumber>
    {
        TNumber[] all = _beside.Length == 0 ? new TNumber[_meta.All.Length] : [.. _beside.Select(TNumber.CreateTruncating)];
        TNumber[] weights = InNetwork(_sum);
        TNumber[]? rates = _rateSum is null ? null : InNetwork(_rateSum);
        for (int entry = 0; entry < _meta.Network.Entries.Length; entry++)
        {
            int length = _meta.Network.Entries[entry].Length;
            if (!_meta.IsPerStep(entry))
            {
                weights.AsSpan(_meta.Network.Offsets[entry], length).CopyTo(all.AsSpan(_meta.All.Offsets[entry]));
            }

            if (rates is not null && _meta.RateOf(entry) is { } rate)
            {
                rates.AsSpan(_meta.Network.Offsets[entry], length).CopyTo(all.AsSpan(_meta.All.Offsets[rate]));
            }
        }

        return all;

        TNumber[] InNetwork(WeightSet<T> set)
        {
            var values = new TNumber[_meta.Network.Length];
            _network.Write<TNumber>(set, values);
            return values;
        }
    }
}
