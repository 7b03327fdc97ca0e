/** The card beside the text: it follows what is typed. */
import { CardBody, Choices } from "./parts.tsx";

export default function CardBeside() {
  return (
    <div class="card-compact">
      <div class="filters">
        <Choices />
      </div>
      <CardBody />
    </div>
  );
}
