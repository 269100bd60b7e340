using System.Globalization;
using Akka.Actor;
using Akka.Hosting;
using MetaMap.Cli.Help;
using MetaMap.Coordinator.Runs.Lifecycle;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using MetaMap.Training.Configuration;
using MetaMap.Training.Rounds;
using Microsoft.Extensions.DependencyInjection;

namespace MetaMap.Cli.Hosting;

/// <summary>The run that a coordinator begins with: a new one, or the one that the same command has begun before.</summary>
/// <param name="Name">Its name; null for a new one, or an unfinished one with the same options.</param>
/// <param name="Options">Its options, resolved.</param>
/// <param name="Given">Those that were given, as JSON.</param>
/// <param name="MinWorkers">The fewest workers that it is trained with; null for those of a stored run, or the default.</param>
/// <param name="IsNew">Whether an unfinished one is left alone.</param>
internal sealed record FirstRun(RunId? Name, RunOptions Options, string Given, int? MinWorkers, bool IsNew)
{
    private static readonly TimeSpan _askTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Begins.</summary>
    /// <param name="services">The coordinator's.</param>
    /// <param name="asking">Options by which a client finds this coordinator.</param>
    /// <param name="over">The node is to end.</param>
    /// <returns>Why the run cannot be trained; null when it is, or waits for its user.</returns>
    public async Task<string?> Begin(IServiceProvider services, string asking, CancellationToken over)
    {
        EarlierRuns earlier = services.GetRequiredService<EarlierRuns>();
        EarlierRun? found = Name is { } name ? await earlier.Find(name).ConfigureAwait(false) : IsNew ? null : await earlier.Find(Options).ConfigureAwait(false);
        if (found is { Status: RunStatus.Paused or RunStatus.Stopped })
        {
            // Somebody has said so; a node that is started anew does not know better.
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"run {found.RunId} is {found.Status.ToString().ToLowerInvariant()} at iteration {found.Iteration} and stays so; `{OwnName.Called} run resume {found.RunId}{asking}` lets it go on{(Name is null ? ", --new-run starts another one" : "")}")).ConfigureAwait(false);
            return null;
        }

        if (found is not null && Name is null)
        {
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"run {found.RunId} with the same options goes on from iteration {found.Iteration}; --new-run would start another one")).ConfigureAwait(false);
        }

        RunPolicy policy = found?.Policy ?? RunPolicy.Default;
        StartRun start = new(found?.RunId ?? Name ?? RunName.For(Options, TimeProvider.System), Given, Resume: found is not null || Name is not null, IsAttended: false, MinWorkers is { } least ? policy with { MinWorkers = least } : policy);
        object answer = await services.GetRequiredService<IRequiredActor<RunRegion>>().ActorRef.Ask<object>(start, _askTimeout, over).ConfigureAwait(false);
        return (answer as RunRefused)?.Reason;
    }
}
