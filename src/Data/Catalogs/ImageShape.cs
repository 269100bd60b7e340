namespace MetaMap.Data;

/// <summary>Shape of one image.</summary>
/// <param name="Channels">Colour channels, 1 or 3.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Width">Pixels.</param>
public readonly record struct ImageShape(int Channels, int Height, int Width)
{
    /// <summary>Values per image: channels · height · width.</summary>
    public int Length => Channels * Height * Width;

    /// <summary>Readable text, e.g. <c>1x28x28</c>.</summary>
    public override string ToString() => $"{Channels}x{Height}x{Width}";
}
