using System.Collections.Immutable;
using System.Globalization;

namespace MetaMap.Data;

/// <summary>What the values of one example's input are.</summary>
public enum InputKind
{
    /// <summary>An image [channels, height, width], values 0 to 1.</summary>
    Image,

    /// <summary>A vector of real numbers [length].</summary>
    Vector,

    /// <summary>A sequence of whole numbers [length], each 0 to vocabulary-1: bytes or characters of a text, or the number of an item.</summary>
    Tokens,
}

/// <summary>Shape of one example's input. All kinds are stored as float32 (whole numbers below 2^24 are exact).</summary>
/// <param name="Kind">What the values are.</param>
/// <param name="Channels">Colour channels of an image; otherwise the length.</param>
/// <param name="Height">Pixels; 1 where there is no image.</param>
/// <param name="Width">Pixels; 1 where there is no image.</param>
/// <param name="Vocabulary">Number of different tokens; 0 where there are none.</param>
public readonly record struct InputShape(InputKind Kind, int Channels, int Height, int Width, int Vocabulary)
{
    /// <summary>Values per input.</summary>
    public int Length => Channels * Height * Width;

    /// <summary>Dimensions of one input's tensor: [channels, height, width] of an image, otherwise [length].</summary>
    public ImmutableArray<int> Sizes => Kind == InputKind.Image ? [Channels, Height, Width] : [Channels];

    /// <summary>A vector of real numbers.</summary>
    public static InputShape Vector(int length) => new(InputKind.Vector, length, 1, 1, 0);

    /// <summary>A sequence of tokens.</summary>
    public static InputShape Tokens(int length, int vocabulary) => new(InputKind.Tokens, length, 1, 1, vocabulary);

    /// <summary>An image.</summary>
    public static implicit operator InputShape(ImageShape image) => FromImageShape(image);

    /// <summary>An image.</summary>
    public static InputShape FromImageShape(ImageShape image) => new(InputKind.Image, image.Channels, image.Height, image.Width, 0);

    /// <summary>This shape as the shape of an image.</summary>
    /// <exception cref="InvalidOperationException">The input is not an image.</exception>
    public ImageShape ToImageShape() => Kind == InputKind.Image
        ? new ImageShape(Channels, Height, Width)
        : throw new InvalidOperationException($"An input of {this} is no image.");

    /// <summary>Text for messages and files: <c>1x28x28</c>, <c>vector 4</c> or <c>tokens 128 of 256</c>.</summary>
    public override string ToString() => Kind switch
    {
        InputKind.Image => $"{Channels}x{Height}x{Width}",
        InputKind.Vector => string.Create(CultureInfo.InvariantCulture, $"vector {Channels}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"tokens {Channels} of {Vocabulary}"),
    };

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <returns>False when the text is not a shape, or its size is out of range.</returns>
    public static bool TryParse(string? text, out InputShape shape)
    {
        string[] words = (text ?? "").Split(' ');
        int[] sizes = [.. (words[0] switch
        {
            "vector" or "tokens" => words.Length switch { 2 => [words[1]], 4 => [words[1], words[3]], _ => [] },
            _ => words[0].Split('x'),
        }).Select(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int size) ? size : 0)];
        shape = (words[0], sizes.Length) switch
        {
            ("vector", 1) => Vector(sizes[0]),
            ("tokens", 2) => Tokens(sizes[0], sizes[1]),
            (_, 3) when words.Length == 1 => new ImageShape(sizes[0], sizes[1], sizes[2]),
            _ => default,
        };
        bool possible = (long)shape.Channels * shape.Height * shape.Width is > 0 and <= int.MaxValue && sizes.All(size => size is > 0 and <= 1 << 24)
            && (shape.Kind != InputKind.Image || sizes.All(size => size <= 4096)) && shape.ToString() == text;
        shape = possible ? shape : default;
        return possible;
    }
}
