using MetaMap.Core;

namespace MetaMap.Data;

/// <summary>What a model knows of its inputs.</summary>
/// <param name="Shape">Shape of one.</param>
/// <param name="Names">What they stand for; null where they have no names, or in files of older versions.</param>
/// <param name="Scales">The units that its numbers were given in; null for those of the files.</param>
public sealed record ModelInputs(InputShape Shape, InputNames? Names, ValueScales? Scales)
{
    /// <summary>The names.</summary>
    /// <exception cref="DataException">There are none.</exception>
    internal InputNames Known => Names ?? throw new DataException(
        "the model's file, of an older version, does not name the columns or items that it was trained on, so that examples of your own cannot be read for it: train it again");
}
