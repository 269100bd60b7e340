using System.Globalization;
using System.Text.Json;
using MetaMap.Chaos.Nodes;
using MetaMap.Core.Checkpoints;

namespace MetaMap.Chaos.Runs;

/// <summary>Looks at what a finished run has left on disk.</summary>
internal static class StoredRunCheck
{
    /// <summary>Sentences about what is wrong; none when all is well.</summary>
    /// <param name="directory">The run's directory; nothing is checked where there is none.</param>
    /// <param name="oracle">What the run must be.</param>
    /// <param name="audits">Whether this build can audit the journal.</param>
    public static async Task<IReadOnlyList<string>> Problems(RunDirectory directory, Oracle oracle, bool audits)
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

        if (audits && await Shell.Try([.. Shell.Metamap, "run", "audit", directory.Path]) is { Code: not 0 } failed)
        {
            problems.Add($"metamap run audit {directory.Path} failed with exit code {failed.Code}: {failed.Said.Trim()}");
        }

        return problems;
    }

    private static int IterationOf(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("iteration").GetInt32();
    }
}
