using System.Collections.Immutable;
using MetaMap.Core.Parameters;

namespace MetaMap.Training.Optimization;

/// <summary>The outer-loop optimiser: a pure function from parameters, mean meta-gradient and state to the next ones.</summary>
public interface IMetaOptimizer
{
    /// <summary>The state before the first update.</summary>
    OptimizerState CreateState(ParameterLayout layout);

    /// <summary>One update.</summary>
    /// <param name="parameters">Theta.</param>
    /// <param name="meanMetaGradient">Mean over the counted episodes; same layout.</param>
    /// <param name="state">The state after the previous update.</param>
    /// <param name="learningRate">Outer-loop learning rate of this iteration.</param>
    (ParameterVector Parameters, OptimizerState State) Update(
        ParameterVector parameters, ParameterVector meanMetaGradient, OptimizerState state, double learningRate);
}

/// <summary>What an optimiser remembers between updates.</summary>
/// <param name="Updates">Updates done so far.</param>
/// <param name="Slots">Named vectors of the parameters' layout, e.g. Adam's <c>m</c> and <c>v</c>, in a fixed order.</param>
public sealed record OptimizerState(int Updates, ImmutableArray<OptimizerSlot> Slots)
{
    /// <summary>Equal when the count and all bits are equal.</summary>
    public bool Equals(OptimizerState? other) =>
        other is not null && Updates == other.Updates && Slots.AsSpan().SequenceEqual(other.Slots.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Updates, Slots.Length);
}

/// <summary>One named vector of optimiser state.</summary>
/// <param name="Name">Unique in the state.</param>
/// <param name="Values">Same layout as the parameters.</param>
public sealed record OptimizerSlot(string Name, ParameterVector Values);
