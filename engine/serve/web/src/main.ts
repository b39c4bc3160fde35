import "./style/base.css";
import "./style/chart.css";
import "./style/sweep.css";
import "./style/explorer.css";
import "./style/reproduction.css";
import { Shell } from "./page/shell";

document.body.append(new Shell().element);
