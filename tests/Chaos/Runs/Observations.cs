using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace MetaMap.Chaos.Runs;

/// <summary>What a coordinator said of a run.</summary>
/// <param name="Coordinator">Which one.</param>
/// <param name="Life">Which start of it.</param>
/// <param name="Run">The run.</param>
/// <param name="Status">E.g. <c>training</c>.</param>
/// <param name="Iteration">Committed iterations.</param>
/// <param name="ModelSha256">Of that version; null where the coordinator does not hold it.</param>
/// <param name="Problem">What degrades or ended it.</param>
/// <param name="Results">Block results by verdict, since the run was (re)started there.</param>
internal sealed record Observation(
    string Coordinator, int Life, string Run, string Status, int Iteration, string? ModelSha256, string? Problem, ImmutableSortedDictionary<string, long> Results)
{
    /// <summary>Reads the answer of <c>GET /api/runs/{id}</c>.</summary>
    public static Observation Read(string coordinator, int life, JsonElement body) => new(
        coordinator, life, body.GetProperty("run_id").GetString()!, body.GetProperty("status").GetString()!, body.GetProperty("iteration").GetInt32(),
        Text(body, "model_sha256"), Text(body, "problem"),
        body.GetProperty("results").EnumerateObject().ToImmutableSortedDictionary(result => result.Name, result => result.Value.GetInt64()));

    private static string? Text(JsonElement body, string name) => body.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
}

/// <summary>All that was seen of the runs, and whether it is what an undisturbed run would show. Immutable and pure.</summary>
/// <param name="Oracle">What every version must be.</param>
/// <param name="Newest">The newest observation by coordinator, life and run.</param>
/// <param name="Iterations">The newest iteration by coordinator and run.</param>
/// <param name="Problems">What must not be: sentences for people, each once.</param>
/// <param name="Versions">Different versions whose bits were compared, over all runs.</param>
internal sealed record Observations(
    Oracle Oracle, ImmutableSortedDictionary<string, Observation> Newest, ImmutableDictionary<(string Coordinator, string Run), int> Iterations, ImmutableSortedSet<string> Problems, ImmutableHashSet<(string Run, int Iteration)> Versions)
{
    /// <summary>Block results by verdict, over all lives of all coordinators.</summary>
    public ImmutableSortedDictionary<string, long> Results => Newest.Values.SelectMany(seen => seen.Results)
        .GroupBy(result => result.Key).ToImmutableSortedDictionary(results => results.Key, results => results.Sum(result => result.Value));

    /// <summary>Nothing seen.</summary>
    public static Observations None(Oracle oracle) => new(
        oracle, ImmutableSortedDictionary.Create<string, Observation>(StringComparer.Ordinal), ImmutableDictionary<(string, string), int>.Empty, [], []);

    /// <summary>
    /// One more observation: its version must have the bits of the undisturbed run, and what a coordinator has shown is
    /// durable: a run never goes back, in its next life neither.
    /// </summary>
    public Observations With(Observation seen)
    {
        ImmutableSortedSet<string> problems = Problems;
        if (seen.Iteration < 0 || seen.Iteration >= Oracle.Sha256.Length)
        {
            problems = problems.Add(Say(seen, $"iteration {seen.Iteration} of {Oracle.Sha256.Length - 1}"));
        }
        else if (seen.ModelSha256 is { } sha256 && sha256 != Oracle.Sha256[seen.Iteration])
        {
            problems = problems.Add(Say(seen, $"iteration {seen.Iteration} has the model {sha256[..12]}, undisturbed {Oracle.Sha256[seen.Iteration][..12]}"));
        }

        int before = Iterations.GetValueOrDefault((seen.Coordinator, seen.Run));
        if (before > seen.Iteration)
        {
            problems = problems.Add(Say(seen, $"iteration {seen.Iteration} after iteration {before}"));
        }

        if (seen.Status == "failed")
        {
            problems = problems.Add(Say(seen, $"status failed at iteration {seen.Iteration}: {seen.Problem ?? "no reason given"}"));
        }

        return this with
        {
            Newest = Newest.SetItem(string.Create(CultureInfo.InvariantCulture, $"{seen.Coordinator} {seen.Life} {seen.Run}"), seen),
            Iterations = Iterations.SetItem((seen.Coordinator, seen.Run), Math.Max(before, seen.Iteration)),
            Problems = problems,
            Versions = seen.ModelSha256 is null ? Versions : Versions.Add((seen.Run, seen.Iteration)),
        };
    }

    /// <summary>True when someone has seen the run finished, with its last version.</summary>
    public bool IsFinished(string run) =>
        Newest.Values.Any(seen => seen.Run == run && seen is { Status: "finished", ModelSha256: not null });

    private static string Say(Observation seen, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{seen.Coordinator} (life {seen.Life}) showed run {seen.Run} with {what}");
}
