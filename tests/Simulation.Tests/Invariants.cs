using System.Collections.Immutable;
using System.Numerics.Tensors;
using MetaMap.Core.Rounds;
using MetaMap.Core.Tests.Training;
using MetaMap.Core.Training;

namespace MetaMap.Simulation.Tests;

/// <summary>A promise is broken.</summary>
internal sealed class InvariantException(string message) : Exception(message);

/// <summary>The promises I1 to I7, checked while a world is simulated. The bits to expect come from the local trainer.</summary>
internal sealed class Invariants
{
    private static readonly ImmutableArray<MetaState> _expected = Expect();

    private readonly HashSet<(string Owner, int Iteration, int Block)> _counted = [];

    /// <summary>Iterations of the simulated run.</summary>
    public const int Iterations = 5;

    public static MetaTraining Training { get; } = NewTraining();

    private static int Blocks { get; } = Training.OpenRound(Training.Begin()).Blocks.Length;

    /// <summary>Throws unless a promise is kept.</summary>
    public static void Check(bool isKept, string what)
    {
        if (!isKept)
        {
            throw new InvariantException(what);
        }
    }

    /// <summary>I4 and I5: a state is that of the undisturbed run.</summary>
    public static void HasTheBits(MetaState state)
    {
        Check(TensorPrimitives.IsFiniteAll(state.Parameters.Values), $"I5: iteration {state.Iteration} has parameters that are not finite");
        Check(state.Parameters.Sha256 == _expected[state.Iteration].Parameters.Sha256, $"I4: iteration {state.Iteration} has other bits than an undisturbed run");
    }

    /// <summary>I1: an owner goes from one iteration to the next.</summary>
    public static void Committed(MetaState before, MetaState after)
    {
        Check(after.Iteration == before.Iteration + 1, $"I1: iteration {after.Iteration} after {before.Iteration}");
        HasTheBits(after);
    }

    /// <summary>I2 and I3: a block counts once for its owner, and only in the iteration that the owner computes.</summary>
    public void Counted(string owner, int openIteration, int iteration, int block)
    {
        Check(iteration == openIteration, $"I3: {owner} counted block {block} of iteration {iteration} while it computed {openIteration}");
        Check(_counted.Add((owner, iteration, block)), $"I2: {owner} counted block {block} of iteration {iteration} twice");
    }

    /// <summary>I7: what an owner holds is bounded by blocks, and no block was given up.</summary>
    public static void Holds(string owner, MetaRound round, int fetches)
    {
        Check(round.Blocks.All(block => !block.IsExcluded), $"I4: {owner} has given up a block of iteration {round.Iteration}, although nobody computes wrongly");
        Check(fetches <= 2 * Blocks, $"I7: {owner} fetches {fetches} gradients at once for {Blocks} blocks");
    }

    /// <summary>I7: what a worker holds is bounded by the blocks of two iterations, each a few times.</summary>
    public static void Shelves(string worker, int gradients) => Check(gradients <= 8 * Blocks, $"I7: {worker} holds {gradients} gradients for {Blocks} blocks");

    private static MetaTraining NewTraining() => TinyRun.Training(TinyRun.Options with { Iterations = Iterations });

    private static ImmutableArray<MetaState> Expect()
    {
        MetaTraining training = NewTraining();
        ImmutableArray<MetaState>.Builder states = ImmutableArray.CreateBuilder<MetaState>();
        states.Add(training.Begin());
        using LocalMetaTrainer trainer = new(training, () => new FakeEpisodeLearner(), lanes: 1);
        trainer.Train(training.Begin(), (state, _) => states.Add(state));
        return states.ToImmutable();
    }
}
