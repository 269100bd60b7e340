using System.Globalization;
using MetaMap.Core;

namespace MetaMap.Learning.Tests.StandIns;

/// <summary>Tables of tasks with a value to predict, in the column <c>y</c>; the column <c>task</c> tells the tasks apart.</summary>
internal static class Tables
{
    /// <summary>
    /// Pupils in schools, with the statistics of exam scores (Goldstein et al. 1993, Exam of mlmRev): an offset and a slope of each school, an earlier test, a
    /// mean of the school, words.
    /// </summary>
    /// <param name="path">Where to write it.</param>
    /// <param name="slopeDeviation">How much the slope of the earlier test differs between schools.</param>
    /// <param name="seed">Of everything.</param>
    public static void WriteSchools(string path, double slopeDeviation, long seed) => Write(path, "task,test,mean,sex,y", 90, 40, seed, (ref DeterministicRandom random) =>
    {
        double mean = 0.3 * random.NextGaussian();
        (double offset, double slope) = ((0.3 * random.NextGaussian()) + (0.3 * mean), 0.55 + (slopeDeviation * random.NextGaussian()));
        return (ref DeterministicRandom pupil) =>
        {
            double test = mean + (0.95 * pupil.NextGaussian());
            bool isGirl = pupil.NextInt(2) == 0;
            return ([test, mean], isGirl ? "F" : "M", offset + (slope * test) + (isGirl ? 0.17 : 0) + (0.74 * pupil.NextGaussian()));
        };
    });

    /// <summary>Calibrations of devices: each has a linear relation of its own, with little noise, so that what other tasks say matters less than ten rows.</summary>
    /// <param name="path">Where to write it.</param>
    /// <param name="seed">Of everything.</param>
    public static void WriteDevices(string path, long seed) => Write(path, "task,a,b,c,d,kind,y", 60, 40, seed, (ref DeterministicRandom random) =>
    {
        double[] slopes = [random.NextGaussian(), 0.5 * random.NextGaussian(), 0.3 * random.NextGaussian(), 0.1 * random.NextGaussian()];
        double offset = 2 * random.NextGaussian();
        return (ref DeterministicRandom row) =>
        {
            double[] inputs = [row.NextGaussian(), row.NextGaussian(), row.NextGaussian(), row.NextGaussian()];
            return (inputs, row.NextInt(2) == 0 ? "u" : "v", offset + slopes.Zip(inputs, (slope, input) => slope * input).Sum() + (0.15 * row.NextGaussian()));
        };
    });

    /// <summary>Doses and answers of patients: the answer rises and falls with the dose, more in some patients than in others. No linear model knows that.</summary>
    /// <param name="path">Where to write it.</param>
    /// <param name="seed">Of everything.</param>
    public static void WriteDoses(string path, long seed) => Write(path, "task,dose,age,y", 80, 40, seed, (ref DeterministicRandom random) =>
    {
        (double offset, double height) = (0.3 * random.NextGaussian(), 1 + (0.4 * random.NextGaussian()));
        return (ref DeterministicRandom row) =>
        {
            (double dose, double age) = (row.NextDouble(0, 10), row.NextDouble(20, 80));
            return ([dose, age], null, offset + (height * Math.Sin(dose / 2)) + (0.3 * row.NextGaussian()));
        };
    });

    private delegate Row TaskOf(ref DeterministicRandom random);

    private delegate (double[] Numbers, string? Word, double Value) Row(ref DeterministicRandom random);

    private static void Write(string path, string names, int tasks, int rows, long seed, TaskOf draw)
    {
        List<string> lines = [names];
        var random = DeterministicRandom.For("stand-in-table", seed);
        for (int task = 0; task < tasks; task++)
        {
            Row row = draw(ref random);
            for (int i = 0; i < rows; i++)
            {
                (double[] numbers, string? word, double value) = row(ref random);
                lines.Add(string.Join(',', (string[])[$"t{task}", .. numbers.Select(Text), .. word is null ? (string[])[] : [word], Text(value)]));
            }
        }

        File.WriteAllLines(path, lines);
    }

    private static string Text(double number) => number.ToString("r", CultureInfo.InvariantCulture);
}
