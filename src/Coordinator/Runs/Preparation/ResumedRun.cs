using System.Globalization;
using System.Text.Json.Nodes;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Training.Configuration;

namespace MetaMap.Coordinator.Runs.Preparation;

/// <summary>Which options a run may go on with.</summary>
public static class ResumedRun
{
    /// <summary>Refuses to continue a run with options that would have given it other bits.</summary>
    /// <param name="stored">The options that it was trained with.</param>
    /// <param name="trained">Iterations that are stored.</param>
    /// <param name="wanted">The options that it is to be trained with.</param>
    /// <param name="location">Where it is stored, for the message.</param>
    /// <exception cref="ConfigurationException">They differ in more than the length, or it is longer already.</exception>
    public static void Check(RunOptions stored, int trained, RunOptions wanted, string location)
    {
        if (wanted.Iterations < trained)
        {
            throw new ConfigurationException(wanted.Supervised is { } epochs
                ? $"--epochs is {epochs.Epochs}, which are {wanted.Iterations} minibatches, but {location} has {trained} already; give as many or more."
                : $"--iterations is {wanted.Iterations}, but {location} has {trained} already; give as many or more.");
        }

        RunOptions allowed = (wanted.Supervised is { } supervised && stored.Supervised is not null ? stored.With(("epochs", supervised.Epochs)) : stored)
            with { Iterations = wanted.Iterations, EvalEpisodes = wanted.EvalEpisodes };
        if (allowed != wanted)
        {
            throw new ConfigurationException(
                $"{location} was trained with other options (see its config.json){Difference(RunOptionsJson.Values(allowed), RunOptionsJson.Values(wanted))}; only {(stored.Supervised is null ? "--iterations and --eval-episodes" : "--epochs")} may change when it goes on.");
        }
    }

    /// <summary>Says when a run that goes on will not come to what one long run would: its outer rate depends on the number of iterations.</summary>
    /// <param name="stored">The options that it was trained with.</param>
    /// <param name="trained">Iterations that are stored.</param>
    /// <param name="wanted">The options that it is to be trained with.</param>
    /// <returns>A sentence; null when nothing changes.</returns>
    public static string? Change(RunOptions stored, int trained, RunOptions wanted) =>
        trained == 0 || IterationsOf(stored, wanted) == wanted.Iterations || wanted.MetaLrFinal is not { } final || final == wanted.MetaLr ? null
            : string.Create(CultureInfo.InvariantCulture,
                $"The first {trained} iterations were trained along the cosine of {IterationsOf(stored, wanted)}; from now on --meta-lr follows that of {wanted.Iterations} to {final}, so the model will be another than that of one run of {wanted.Iterations} iterations.");

    // What is stored of a supervised run is its epochs.
    private static int IterationsOf(RunOptions stored, RunOptions wanted) => (stored.Supervised, wanted.Supervised) is ({ } before, { } now)
        ? wanted.Iterations / now.Epochs * before.Epochs : stored.Iterations;

    private static string Difference(OptionValues stored, OptionValues wanted) =>
        stored.Keys.Union(wanted.Keys).FirstOrDefault(key => !JsonNode.DeepEquals(stored[key], wanted[key])) is { } key
            ? $": its {key} is {stored[key]?.ToJsonString() ?? "left open"}, not {wanted[key]?.ToJsonString() ?? "left open"}" : "";
}
