using System.Globalization;
using System.Text.Json;
using MetaMap.Chaos.Nodes;
using MetaMap.Training.Checkpoints;

namespace MetaMap.Chaos.Runs;

/// <summary>Looks at what a finished run has left on disk.</summary>
internal static class StoredRunCheck
{
    /// <summary>Sentences about what is wrong; none when all is well.</summary>
    /// <param name="directory">The run's directory; nothing is checked where there is none.</param>
    /// <param name="oracle">What the run must be.</param>
    public static async Task<IReadOnlyList<string>> Problems(RunDirectory directory, Oracle oracle)
    {
        List<string> problems = [];
        if (!File.Exists(directory.ModelPath))
        {
            return [$"{directory.ModelPath} is missing"];
        }

        string sha256 = ModelFile.Read(directory.ModelPath).Parameters.Sha256;
        if (sha256 != oracle.Final)
        {
            problems.Add($"{directory.ModelPath} holds the model {sha256[..12]}, undisturbed {oracle.Final[..12]}");
        }

        int[] iterations = [.. (await File.ReadAllLinesAsync(directory.MetricsPath)).Select(IterationOf)];
        if (!iterations.SequenceEqual(Enumerable.Range(1, oracle.Sha256.Length - 1)))
        {
            int place = Enumerable.Range(0, iterations.Length).FirstOrDefault(i => iterations[i] != i + 1, iterations.Length);
            problems.Add(string.Create(CultureInfo.InvariantCulture,
                $"{directory.MetricsPath} has {iterations.Length} iterations, expected 1 to {oracle.Sha256.Length - 1} once each; the first difference is in line {place + 1}"));
        }

        return problems;
    }

    /// <summary>Lets this build's command replay the journal of a run.</summary>
    /// <param name="run">The run's directory, or its name in a database.</param>
    /// <param name="store">The database; null for a directory.</param>
    /// <returns>Sentences about what is wrong; none when all is well.</returns>
    public static async Task<IReadOnlyList<string>> Audit(string run, string? store)
    {
        (int code, string said) = await Shell.Try([.. Shell.Metamap, "run", "audit", run, .. store is null ? Array.Empty<string>() : ["--store", store]]);
        return code == 0 ? [] : [$"metamap run audit {run} failed with exit code {code}: {said.Trim()}"];
    }

    private static int IterationOf(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("iteration").GetInt32();
    }
}
