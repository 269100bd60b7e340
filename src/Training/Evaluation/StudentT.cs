namespace MetaMap.Training.Evaluation;

/// <summary>Student's t distribution.</summary>
internal static class StudentT
{
    private const double Normal = 1.959963984540054;

    /// <summary>
    /// The number that stays above 97.5% of the distribution, to 0.2%: exact for one and two degrees of freedom, then the expansion in
    /// their inverse (Abramowitz and Stegun 1964, 26.7.5).
    /// </summary>
    /// <param name="degreesOfFreedom">1 or more.</param>
    public static double Quantile975(int degreesOfFreedom)
    {
        double n = degreesOfFreedom;
        double z = Normal;
        double square = z * z;
        return degreesOfFreedom switch
        {
            1 => Math.Tan(Math.PI * 0.475),
            2 => 0.95 * Math.Sqrt(2 / (1 - 0.95 * 0.95)),
            _ => z * (1 + (square + 1) / (4 * n) + (((5 * square + 16) * square + 3) / (96 * n * n))
                + ((((3 * square + 19) * square + 17) * square - 15) / (384 * n * n * n))
                + (((((79 * square + 776) * square + 1482) * square - 1920) * square - 945) / (92160 * n * n * n * n))),
        };
    }
}
