using MetaMap.Core;
using MetaMap.Data.Files;

namespace MetaMap.Data.Omniglot;

/// <summary>Finds the sets of Omniglot in a folder: the two halves, or for the background its two small sets (five alphabets each).</summary>
internal static class OmniglotSources
{
    /// <summary>The half that is for training in the official split; with it begin the names of its classes and of those of the small sets.</summary>
    public const string Background = "images_background";

    /// <summary>The half that is for testing in the official split; with it begin the names of its classes.</summary>
    public const string Evaluation = "images_evaluation";

    /// <summary>The challenge of Lake et al. 2015: 20 runs with a training and a test image of 20 characters.</summary>
    private const string OneShot = "all_runs";

    private static readonly string[] _small = [Background + "_small1", Background + "_small2"];

    /// <summary>The sets, and sentences about those that are left out. An archive is preferred to a folder.</summary>
    /// <param name="directory">The folder that holds them, or that holds this folder.</param>
    /// <exception cref="DataException">There are none.</exception>
    public static (IReadOnlyList<IOmniglotSource> Sources, string[] Notices) Find(string directory)
    {
        DataPath.RequireFolder("Omniglot", directory, $"the folder that holds {Background}.zip and {Evaluation}.zip");
        string[] holders = [directory, .. DataPath.List(directory).OfType<DirectoryInfo>().Select(folder => folder.FullName)];
        string holder = holders.FirstOrDefault(folder => Of(folder, [Background, Evaluation, .. _small]).Length > 0) ?? throw None(directory);
        IOmniglotSource[] whole = Of(holder, [Background]);
        IOmniglotSource[] small = Of(holder, _small);
        string[] notices = whole.Length == 0 ? [] : [.. small.Select(set => $"{set.Location} is left out: {Background} holds the same characters")];
        IOmniglotSource[] background = whole.Length > 0 ? whole : small is [var first, var second] ? [first, new OmniglotRest(second, first)] : small;
        return ([.. background, .. Of(holder, [Evaluation])], notices);
    }

    private static IOmniglotSource[] Of(string folder, string[] names) =>
        [.. names.Select(name => Path.Combine(folder, name)).Select(Source).OfType<IOmniglotSource>()];

    private static IOmniglotSource? Source(string location) =>
        File.Exists(location + ".zip") ? new OmniglotZip(location + ".zip") : Directory.Exists(location) ? new OmniglotFolder(location) : null;

    private static DataException None(string directory) => new(
        File.Exists(Path.Combine(directory, OneShot + ".zip")) || Directory.Exists(Path.Combine(directory, OneShot))
            ? $"{directory} holds {OneShot}, the one-shot challenge, which has 2 images of a character and no classes to train on: use {Background} and {Evaluation}"
            : $"{directory} holds neither {Background} nor {Evaluation}, as .zip or folder: download the official archives into it");
}
