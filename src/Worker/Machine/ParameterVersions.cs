using System.Collections.Immutable;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Messages;

namespace MetaMap.Worker.Machine;

/// <summary>The latest few parameter versions on this node: each is fetched once, however many blocks start from it.</summary>
/// <param name="Kept">The latest one last.</param>
internal sealed record ParameterVersions(ImmutableList<(BlobId Version, ParameterVector Parameters)> Kept)
{
    private const int Most = 4;

    public static ParameterVersions None { get; } = new([]);

    public ParameterVector? Find(BlobId version) => Kept.Find(kept => kept.Version == version).Parameters;

    public ParameterVersions Add(BlobId version, ParameterVector parameters) => Find(version) is not null ? this
        : new((Kept.Count < Most ? Kept : Kept.RemoveAt(0)).Add((version, parameters)));
}
