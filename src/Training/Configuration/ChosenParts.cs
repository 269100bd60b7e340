using System.Collections;
using MetaMap.Core.Options;

namespace MetaMap.Training.Configuration;

/// <summary>The parts of a run, each with its options. Equal when all options are.</summary>
internal sealed class ChosenParts(IReadOnlyList<(IPart Part, object Options)> parts) : IReadOnlyList<(IPart Part, object Options)>, IEquatable<ChosenParts>
{
    public int Count => parts.Count;

    public (IPart Part, object Options) this[int index] => parts[index];

    public IEnumerator<(IPart Part, object Options)> GetEnumerator() => parts.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public bool Equals(ChosenParts? other) => other is not null && this.SequenceEqual(other);

    public override bool Equals(object? obj) => Equals(obj as ChosenParts);

    public override int GetHashCode() => parts.Aggregate(0, (hash, part) => HashCode.Combine(hash, part.Options));
}
