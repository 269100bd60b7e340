using MathNet.Numerics.LinearAlgebra;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Training.Episodes;

namespace MetaMap.Training.Baselines;

/// <summary>Ridge regression on the support set alone, with inputs standardised by the training tasks and a penalty that suits training episodes best.</summary>
internal sealed class SupportRidge : IBaseline
{
    private const int TrialEpisodes = 200;
    private const double DefaultPenalty = 1;
    private static readonly double[] _penalties = [0.01, 0.1, 1, 10, 100, 1000];

    private readonly StandardInputs _inputs;
    private readonly double _penalty;

    private SupportRidge(StandardInputs inputs, double penalty) => (_inputs, _penalty) = (inputs, penalty);

    /// <summary>Chooses the penalty.</summary>
    public static SupportRidge Fit(TrainingSet training)
    {
        var inputs = StandardInputs.Of(training);
        try
        {
            var sampler = EpisodeSampler.ForEvaluation(training.Options, training.Dataset.Catalog, training.Classes);
            EpisodeExamples[] trials =
                [.. Enumerable.Range(0, TrialEpisodes).Select(i => EpisodeExamples.Load(training.Dataset, sampler.Sample(SplitPart.Test, 0, i)))];
            return new SupportRidge(inputs, _penalties.MinBy(penalty => trials.Select(trial => Error(inputs, penalty, trial)).Where(double.IsFinite).DefaultIfEmpty().Average()));
        }
        catch (DataException)
        {
            // The training tasks are too small for episodes of this form.
            return new SupportRidge(inputs, DefaultPenalty);
        }
    }

    /// <summary>Of each input, the variance of the noise over that of its coefficients.</summary>
    public IEnumerable<double> Penalties => _inputs.Deviations.Select(deviation => _penalty * deviation * deviation);

    /// <inheritdoc />
    public double Measure(Episode episode, EpisodeExamples examples) => Error(_inputs, _penalty, examples);

    private static double Error(StandardInputs inputs, double penalty, EpisodeExamples examples)
    {
        Matrix<double> support = Rows(examples.Support.Inputs.Chunk(examples.Input.Length).Select(inputs.Standardise));
        Matrix<double> query = Rows(examples.Query.Inputs.Chunk(examples.Input.Length).Select(inputs.Standardise));
        Matrix<double> values = Rows(examples.Support.Values.Chunk(examples.TargetLength));
        Matrix<double> centre = Mean(support);
        Matrix<double> mean = Mean(values);
        Matrix<double> centred = support - Repeated(centre, support.RowCount);
        // In the dual form: few examples, perhaps many inputs.
        Matrix<double> kernel = centred * centred.Transpose();
        // Not below what rounding leaves of numbers that are far out of the training tasks' range.
        if (!double.IsFinite(kernel.Trace()))
        {
            return double.PositiveInfinity;
        }

        kernel += Math.Max(penalty, 1e-9 * kernel.Trace()) * Matrix<double>.Build.DenseIdentity(support.RowCount);
        Matrix<double> weights = kernel.Cholesky().Solve(values - Repeated(mean, support.RowCount));
        Matrix<double> predicted = ((query - Repeated(centre, query.RowCount)) * centred.Transpose() * weights) + Repeated(mean, query.RowCount);
        return SquaredError.Mean(examples.Query.Values, i => predicted[i / examples.TargetLength, i % examples.TargetLength]);
    }

    private static Matrix<double> Rows(IEnumerable<float[]> rows) => Matrix<double>.Build.DenseOfRows(rows.Select(row => row.Select(value => (double)value)));

    private static Matrix<double> Mean(Matrix<double> rows) => (rows.ColumnSums() / rows.RowCount).ToRowMatrix();

    private static Matrix<double> Repeated(Matrix<double> row, int count) => Matrix<double>.Build.Dense(count, row.ColumnCount, (_, column) => row[0, column]);
}
