using MetaMap.Core.Parameters;
using MetaMap.Training.Evaluation;

namespace MetaMap.Training.Loop;

/// <summary>
/// The best version of a run on the validation classes so far. Immutable; part of the training state, so that a resumed run
/// makes the same choice.
/// </summary>
/// <param name="LastIteration">The iteration that was measured last.</param>
/// <param name="BestIteration">The best version.</param>
/// <param name="BestScore">Its score; higher is better.</param>
/// <param name="BestParameters">Its meta-parameters.</param>
/// <param name="SinceBest">Measurements since the best, none of them better.</param>
public sealed record ModelSelection(int LastIteration, int BestIteration, double BestScore, ParameterVector BestParameters, int SinceBest)
{
    /// <summary>Adds a measurement. Only a better one replaces the best: of equal versions the first is kept.</summary>
    /// <param name="selection">The selection so far; null before the first measurement.</param>
    /// <param name="iteration">The iteration that was measured.</param>
    /// <param name="score">Higher is better; NaN is worse than everything.</param>
    /// <param name="parameters">The measured meta-parameters.</param>
    public static ModelSelection Add(ModelSelection? selection, int iteration, double score, ParameterVector parameters)
    {
        double comparable = double.IsNaN(score) ? double.NegativeInfinity : score;
        return selection is null || comparable > selection.BestScore
            ? new ModelSelection(iteration, iteration, comparable, parameters, 0)
            : selection with { LastIteration = iteration, SinceBest = selection.SinceBest + 1 };
    }

    /// <summary>The score of a measurement: the accuracy, or for regression the negated squared error; both transductive.</summary>
    public static double Score(EvaluationResult measured, bool isRegression) =>
        isRegression ? -measured.QueryLoss.Mean : measured.TransductiveAccuracyFraction.Mean;

    /// <summary>True when so many measurements in a row were no better that training stops early.</summary>
    /// <param name="patience">How many; 0: never.</param>
    public bool IsExhausted(int patience) => patience > 0 && SinceBest >= patience;
}

/// <summary>One measurement on the validation classes.</summary>
/// <param name="Iteration">The measured version.</param>
/// <param name="ValidationLoss">Mean query loss, transductive; null in lines of versions that let it be other than finite.</param>
/// <param name="ValidationAccuracyFraction">Mean query accuracy, transductive, 0 to 1; null for regression.</param>
/// <param name="ValidationEpisodes">Episodes measured.</param>
/// <param name="BestIteration">The best version so far.</param>
public sealed record ValidationMetrics(
    int Iteration, double? ValidationLoss, double? ValidationAccuracyFraction, int ValidationEpisodes, int BestIteration);
