using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using MetaMap.Core;

namespace MetaMap.Data.Images;

/// <summary>One image of a folder, described without opening it.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Name">Relative to the data folder, with forward slashes.</param>
/// <param name="LengthBytes">Length of the file.</param>
/// <param name="ModifiedTicks">Time of the last change (UTC ticks).</param>
internal sealed record ImageFile(string Path, string Name, long LengthBytes, long ModifiedTicks)
{
    /// <summary>Does something with every file, on every core.</summary>
    /// <exception cref="DataException">The first that the action throws.</exception>
    public static void Each(ImmutableArray<ImageFile> files, Action<int, ImageFile> action)
    {
        try
        {
            Parallel.For(0, files.Length, i => action(i, files[i]));
        }
        catch (AggregateException error) when (error.InnerException is DataException or IOException)
        {
            ExceptionDispatchInfo.Throw(error.InnerException);
        }
    }
}

/// <summary>One class of a folder.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Part">The part that the folders or lists put it into; null where they put it into none.</param>
/// <param name="Files">Its images, in ordinal order of their names.</param>
internal sealed record ImageClass(string Name, SplitPart? Part, IReadOnlyList<ImageFile> Files)
{
    /// <summary>How many of its images, the last ones, are for test where the parts hold the same classes.</summary>
    public int TestFiles { get; init; }
}

/// <summary>What a folder of images holds.</summary>
/// <param name="Classes">By part and then by name.</param>
/// <param name="Notices">Sentences about what was left out or put together.</param>
internal sealed record ImageListing(ImmutableArray<ImageClass> Classes, ImmutableArray<string> Notices);
