using System.Collections.Immutable;
using MetaMap.Core;

namespace MetaMap.Data;

/// <summary>
/// Gives a dataset's inputs by the names that a model knows: of a table its columns in its order, with nothing for words that it never saw; of ratings
/// its items, where all that it does not know share token 0. What a model knows of items are those that training users rated more than once, so
/// that the shared token is trained, too.
/// </summary>
public static class NamedInputs
{
    /// <summary>Fewest ratings by training users of an item with a token of its own.</summary>
    public const int LeastRatings = 2;

    /// <summary>The dataset with such inputs; itself when its inputs have no names of their own.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="known">What a model knows; null for what the training classes hold.</param>
    /// <param name="trainingClasses">Index of each training class.</param>
    /// <exception cref="DataException">A column that the model knows is missing or holds something else.</exception>
    public static IEpisodeDataset Of(IEpisodeDataset dataset, InputNames? known, Func<IEnumerable<int>> trainingClasses) => dataset.Catalog.Inputs switch
    {
        null => dataset,
        { } here when dataset.Catalog.Input.Kind == InputKind.Tokens => OfItems(dataset, here, known ?? InputNames.OfItems(Frequent(dataset, here, trainingClasses()))),
        { } here => known is null || known.Equals(here) ? dataset : OfColumns(dataset, here, known),
    };

    private static IEnumerable<string> Frequent(IEpisodeDataset dataset, InputNames here, IEnumerable<int> trainingClasses)
    {
        int[] counts = new int[here.Items.Length + 1];
        float[] token = new float[1];
        foreach (int index in trainingClasses)
        {
            for (int example = 0; example < dataset.Catalog.Classes[index].ExampleCount; example++)
            {
                dataset.CopyInput(index, example, 0, token);
                counts[(int)token[0]]++;
            }
        }

        return here.Items.Where((_, item) => counts[item + 1] >= LeastRatings);
    }

    private static IEpisodeDataset OfItems(IEpisodeDataset dataset, InputNames here, InputNames known)
    {
        Dictionary<string, int> tokens = new(known.Items.Select((item, i) => KeyValuePair.Create(item, i + 1)), StringComparer.Ordinal);
        float[] ofToken = [0, .. here.Items.Select(item => (float)tokens.GetValueOrDefault(item))];
        int unknown = here.Items.Count(item => !tokens.ContainsKey(item));
        return Renamed(
            dataset, InputShape.Tokens(1, known.Items.Length + 1), known, (raw, input) => input[0] = ofToken[(int)raw[0]],
            unknown == 0 ? null : $"{unknown} of {here.Items.Length} items do not have {LeastRatings} ratings by training users, and share one embedding");
    }

    private static IEpisodeDataset OfColumns(IEpisodeDataset dataset, InputNames here, InputNames known)
    {
        Dictionary<string, (InputColumnName Column, int Start)> columns = new(StringComparer.Ordinal);
        int start = 0;
        foreach (InputColumnName column in here.Columns)
        {
            columns.Add(column.Name, (column, start));
            start += column.Length;
        }

        List<int> sources = [];
        List<string> unseen = [];
        foreach (InputColumnName column in known.Columns)
        {
            (InputColumnName found, int first) = columns.TryGetValue(column.Name, out (InputColumnName, int) there) ? there : throw new DataException(
                $"the data here has no column {column.Name} among its inputs ({string.Join(", ", columns.Keys)}), and the model was trained on one: add it");
            if (found.HoldsWords != column.HoldsWords)
            {
                throw new DataException($"column {column.Name} of the data here holds {Content(found)}, and the model was trained on {Content(column)}: give what it was trained on");
            }

            // A value that is not there, such as of a word that does not occur, is 0.
            sources.AddRange(column.HoldsWords ? column.Words.Select(word => found.Words.IndexOf(word) is >= 0 and int place ? first + place : -1)
                : Enumerable.Range(0, column.Length).Select(place => place < found.Length ? first + place : -1));
            unseen.AddRange(found.Words.Where(word => !column.Words.Contains(word)).Select(word => $"{(word.Length == 0 ? "nothing" : word)} in {column.Name}"));
        }

        string[] extra = [.. columns.Keys.Except(known.Columns.Select(column => column.Name))];
        int[] from = [.. sources];
        return Renamed(
            dataset, InputShape.Vector(from.Length), known,
            (raw, input) =>
            {
                for (int i = 0; i < from.Length; i++)
                {
                    input[i] = from[i] < 0 ? 0 : raw[from[i]];
                }
            },
            extra.Length == 0 ? null : $"columns that the model does not know are left out ({extra.Length}): {string.Join(", ", extra)}",
            unseen.Count == 0 ? null : $"words that the model was not trained on are taken for none ({unseen.Count}): {string.Join(", ", unseen)}");
    }

    private static string Content(InputColumnName column) => column.HoldsWords ? "words" : "numbers";

    private static IEpisodeDataset Renamed(IEpisodeDataset dataset, InputShape input, InputNames names, Rename rename, params ReadOnlySpan<string?> notices)
    {
        ImmutableArray<string> said = dataset.Catalog.Notices;
        foreach (string? notice in notices)
        {
            said = notice is null ? said : said.Add(notice);
        }

        DatasetCatalog catalog = dataset.Catalog with { Input = input, Inputs = names, Notices = said };
        return dataset is IRegressionDataset regression && catalog.IsRegression ? new RenamedTasks(regression, catalog, rename) : new RenamedInputs(dataset, catalog, rename);
    }

    private delegate void Rename(ReadOnlySpan<float> raw, Span<float> input);

    private class RenamedInputs(IEpisodeDataset raw, DatasetCatalog catalog, Rename rename) : IEpisodeDataset
    {
        public DatasetCatalog Catalog => catalog;

        public void CopyInput(int classIndex, int exampleIndex, int quarterTurns, Span<float> destination)
        {
            float[] values = new float[raw.Catalog.Input.Length];
            raw.CopyInput(classIndex, exampleIndex, quarterTurns, values);
            rename(values, destination);
        }
    }

    private sealed class RenamedTasks(IRegressionDataset tasks, DatasetCatalog catalog, Rename rename) : RenamedInputs(tasks, catalog, rename), IRegressionDataset
    {
        public void CopyTarget(int classIndex, int exampleIndex, Span<float> destination) => tasks.CopyTarget(classIndex, exampleIndex, destination);
    }
}
