namespace MetaMap.Shared.Messages;

/// <summary>Names a run, e.g. <c>glyphs-5w1s-maml-20261123-101500</c>. Letters, digits, dots, hyphens and underscores.</summary>
/// <param name="Value">The text.</param>
public readonly record struct RunId(string Value)
{
    /// <inheritdoc />
    public override string ToString() => Value;
}

/// <summary>Names a worker node: its host name and a random suffix, unique per process start.</summary>
/// <param name="Value">The text.</param>
public readonly record struct WorkerId(string Value)
{
    /// <inheritdoc />
    public override string ToString() => Value;
}

/// <summary>Content address of an immutable byte buffer (parameters of one version, or one block's gradient).</summary>
/// <param name="Sha256">SHA-256 of the bytes, hex, lower case.</param>
/// <param name="LengthBytes">Length of the buffer.</param>
public readonly record struct BlobId(string Sha256, int LengthBytes);
