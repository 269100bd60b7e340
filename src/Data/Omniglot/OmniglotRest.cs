namespace MetaMap.Data.Omniglot;

/// <summary>A set of Omniglot without the characters that another one holds, too.</summary>
/// <param name="set">The set.</param>
/// <param name="other">The other one.</param>
internal sealed class OmniglotRest(IOmniglotSource set, IOmniglotSource other) : IOmniglotSource
{
    private readonly Lazy<HashSet<string>> _known = new(() => [.. other.List().Select(file => Character(file.Path))]);

    /// <inheritdoc />
    public string Location => set.Location;

    /// <inheritdoc />
    public IReadOnlyList<OmniglotFile> List() => [.. set.List().Where(file => IsNew(file.Path))];

    /// <inheritdoc />
    public IEnumerable<(string Path, byte[] Content)> Read() => set.Read().Where(file => IsNew(file.Path));

    private bool IsNew(string path) => !_known.Value.Contains(Character(path));

    /// <summary>Alphabet and character of an image, without the set.</summary>
    private static string Character(string path) => string.Join('/', path.Split('/')[1..^1]);
}
